from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("llm", "0006_single_flight")]
    operations = [
        migrations.CreateModel(
            name="QueueOverview",
            fields=[],
            options={
                "verbose_name": "queue",
                "verbose_name_plural": "queues now",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("llm.modelgrouppolicy",),
        ),
        migrations.AddField(
            model_name="modeldeployment",
            name="continues",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "not at all: an answer begins anew"),
                    ("prefix", "a last assistant message marked as prefix (Mistral, DeepSeek, Anthropic, Ollama, llama.cpp)"),
                    ("final_message", "continue_final_message (vLLM)"),
                ],
                default="",
                help_text="How it goes on with the beginning of an answer; then a call that made room for another loses nothing.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="modelgrouppolicy",
            name="preemption",
            field=models.CharField(
                choices=[
                    ("never", "none"),
                    ("continued", "those that go on where they stood"),
                    ("always", "all; what cannot go on begins anew, once"),
                ],
                default="always",
                help_text="Which running calls make room for a higher class (priority, deadline and fair know classes).",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="modeldeployment",
            constraint=models.CheckConstraint(
                condition=models.Q(continues__in=["", "prefix", "final_message"]), name="deployment_continuation_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="modelgrouppolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(preemption__in=["never", "continued", "always"]), name="group_policy_preemption_known"
            ),
        ),
    ]
