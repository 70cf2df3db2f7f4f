"""The models that VOS may call, as operators configure them. In the public schema, readable by every tenant."""

from decimal import Decimal
from urllib.parse import urlsplit

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from kernel.scheduler.policies import Discipline

DEFAULT_GROUP = "default"

# Only variables that are named as keys can be sent anywhere, so that no other secret of the environment ever is.
KEY_VARIABLE = RegexValidator(
    r"^[A-Z][A-Z0-9_]*_API_KEY\Z", "Give the NAME of an environment variable that ends in _API_KEY, never the key itself."
)


LARGEST_WEIGHT = 100
AT_LEAST_ONE = MinValueValidator(1)
PERCENT = (AT_LEAST_ONE, MaxValueValidator(100))


class OutputMode(models.TextChoices):
    """How a deployment can be told to answer in JSON."""

    JSON_SCHEMA = "json_schema", "by JSON schema"
    JSON_OBJECT = "json_object", "as a JSON object"
    TEXT = "text", "by words only"


class ModelDeployment(models.Model):
    """One model at one place. Deployments of one group stand in for each other, in the order of their rank.

    ``model`` is what litellm calls it: ``openai/gpt-4.1-mini``, ``anthropic/claude-…``, ``ollama/…``, or ``openai/<name>`` with
    an ``api_base`` for any server that speaks OpenAI's protocol (vLLM, TGI, llama.cpp).
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80, unique=True)
    group = models.CharField(max_length=60, default=DEFAULT_GROUP, db_index=True)
    rank = models.PositiveSmallIntegerField(default=0, help_text="Lower ones are tried first.")
    model = models.CharField(max_length=160, help_text="Provider and model, such as openai/gpt-4.1-mini.")
    api_base = models.URLField(max_length=300, blank=True, help_text="Only for servers of your own.")
    api_key_variable = models.CharField(
        max_length=80, blank=True, validators=[KEY_VARIABLE], help_text="NAME of the environment variable that holds the key."
    )
    output_mode = models.CharField(max_length=12, choices=OutputMode, default=OutputMode.JSON_SCHEMA)
    max_concurrency = models.PositiveSmallIntegerField(default=4, validators=[MinValueValidator(1)])
    max_output_tokens = models.PositiveIntegerField(default=2048, validators=[MinValueValidator(1)])
    timeout_seconds = models.PositiveSmallIntegerField(default=120, validators=[MinValueValidator(1)])
    price_in_per_million = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0), help_text="US dollars.")
    price_out_per_million = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0), help_text="US dollars.")
    requests_per_minute = models.PositiveIntegerField(default=0, help_text="0 is no limit.")
    tokens_per_minute = models.PositiveBigIntegerField(default=0, help_text="Prompt and answer together; 0 is no limit.")
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_concurrency__gte=1, max_output_tokens__gte=1, timeout_seconds__gte=1),
                name="deployment_limits_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(price_in_per_million__gte=0, price_out_per_million__gte=0), name="deployment_prices_positive"
            ),
            # A key pasted into the wrong field must not get into the database.
            models.CheckConstraint(
                condition=models.Q(api_key_variable="") | models.Q(api_key_variable__regex=r"^[A-Z][A-Z0-9_]*_API_KEY$"),
                name="deployment_key_is_a_variable",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def provider(self) -> str:
        """Who answers: the host of a server of one's own, else what litellm calls the provider (``openai``)."""
        return urlsplit(self.api_base).netloc or self.model.partition("/")[0]

    def price(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What so many tokens cost here, in US dollars."""
        return (prompt_tokens * self.price_in_per_million + completion_tokens * self.price_out_per_million) / 1_000_000


class ModelGroupPolicy(models.Model):
    """How the queues of a group's deployments choose who goes next. A change is in force with the next decision.

    ``updated_at`` is the policy's version: of two that workers know, the later one counts.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.CharField(max_length=60, unique=True, default=DEFAULT_GROUP)
    discipline = models.CharField(
        max_length=12,
        choices=[(one.value, one.name.replace("_", " ").lower()) for one in Discipline],
        default=Discipline.FAIR.value,
    )
    quantum_tokens = models.PositiveIntegerField(
        default=4000, validators=[AT_LEAST_ONE], help_text="Round robin: tokens of a tenant of weight 1 per round."
    )
    aging_seconds = models.PositiveSmallIntegerField(
        default=30, validators=[AT_LEAST_ONE], help_text="Priority and deadline: who waits so long rises by one class."
    )
    horizon_seconds = models.PositiveSmallIntegerField(
        default=60, help_text="Deadline: how soon requests that name no deadline should begin."
    )
    slot_share = models.PositiveSmallIntegerField(
        default=100, validators=PERCENT, help_text="Per cent of the slots that one tenant may hold."
    )
    queue_share = models.PositiveSmallIntegerField(
        default=50, validators=PERCENT, help_text="Per cent of the queue's places that one tenant may take."
    )
    longest_queue = models.PositiveIntegerField(
        default=1000, validators=[AT_LEAST_ONE], help_text="So many may wait; the next is refused with a time to come again."
    )
    burst_seconds = models.PositiveSmallIntegerField(
        default=1, validators=[AT_LEAST_ONE], help_text="What so many seconds of a minute's limit allow may go at once."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "model group policies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantum_tokens__gte=1, aging_seconds__gte=1, longest_queue__gte=1, burst_seconds__gte=1),
                name="group_policy_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(slot_share__range=(1, 100), queue_share__range=(1, 100)), name="group_policy_shares_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(discipline__in=[one.value for one in Discipline]), name="group_policy_discipline_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.discipline}"


class ProviderLimit(models.Model):
    """What a provider takes a minute from all of its deployments together."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(
        max_length=160, unique=True, help_text="As in front of a model's name (openai), or host and port of a server of your own."
    )
    requests_per_minute = models.PositiveIntegerField(default=0, help_text="0 is no limit.")
    tokens_per_minute = models.PositiveBigIntegerField(default=0, help_text="Prompt and answer together; 0 is no limit.")

    def __str__(self) -> str:
        return self.provider


class ModelShare(models.Model):
    """What a tenant weighs among tenants on a group's models, or one of its agents and workflows among its own.

    Of a tenant's rows that tenant can read its own only. Who has none weighs 1.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.CharField(max_length=60, default=DEFAULT_GROUP)
    schema_name = models.CharField(max_length=63, help_text="The tenant's schema.")
    unit = models.CharField(
        max_length=120, blank=True, help_text="Empty for the tenant; else agent:target, workflow:lifecycle, …"
    )
    weight = models.PositiveSmallIntegerField(default=1, validators=[AT_LEAST_ONE, MaxValueValidator(LARGEST_WEIGHT)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "schema_name", "unit"], name="model_share_unique"),
            models.CheckConstraint(condition=models.Q(weight__range=(1, LARGEST_WEIGHT)), name="model_share_weight_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.schema_name} {self.unit} on {self.group}: {self.weight}"
