"""The models that VOS may call, as operators configure them. In the public schema, readable by every tenant."""

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

DEFAULT_GROUP = "default"

# Only variables that are named as keys can be sent anywhere, so that no other secret of the environment ever is.
KEY_VARIABLE = RegexValidator(
    r"^[A-Z][A-Z0-9_]*_API_KEY\Z", "Give the NAME of an environment variable that ends in _API_KEY, never the key itself."
)


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

    def price(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What so many tokens cost here, in US dollars."""
        return (prompt_tokens * self.price_in_per_million + completion_tokens * self.price_out_per_million) / 1_000_000
