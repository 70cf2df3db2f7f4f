from django.apps import AppConfig


class StandingConfig(AppConfig):
    name = "agents.standing"
    label = "standing"
    verbose_name = "Standing agents"

    def ready(self) -> None:
        """Let workers run agents as programs."""
        from agents.runtime.program import PROGRAM, agent_program  # imports models
        from kernel.processes.programs import register_program

        register_program(PROGRAM, agent_program)
