"""The models that VOS may call, as operators configure them. In the public schema, readable by every tenant."""

from urllib.parse import urlsplit

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

DEFAULT_GROUP = "default"

# Only variables that are named as keys can be sent anywhere, so that no other secret of the environment ever is.
KEY_VARIABLE = RegexValidator(
    r"^[A-Z][A-Z0-9_]*_API_KEY\Z", "Give the NAME of an environment variable that ends in _API_KEY, never the key itself."
)
AT_LEAST_ONE = MinValueValidator(1)
PERCENT = (MinValueValidator(0), MaxValueValidator(100))


REGION = RegexValidator(r"^[a-z][a-z0-9-]*\Z", "Give a region in small letters, such as eu, us or eu-central-1.")


class OutputMode(models.TextChoices):
    """How a deployment can be told to answer in JSON."""

    JSON_SCHEMA = "json_schema", "by JSON schema"
    JSON_OBJECT = "json_object", "as a JSON object"
    TEXT = "text", "by words only"


class Continuation(models.TextChoices):
    """How a deployment goes on with an answer that was interrupted, if it can."""

    NO = "", "not at all: an answer begins anew"
    PREFIX = "prefix", "a last assistant message marked as prefix (Mistral, DeepSeek, Anthropic, Ollama, llama.cpp)"
    FINAL_MESSAGE = "final_message", "continue_final_message (vLLM)"


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
    continues = models.CharField(
        max_length=16,
        choices=Continuation,
        default=Continuation.NO,
        blank=True,
        help_text="How it goes on with the beginning of an answer; then a call that made room for another loses nothing.",
    )
    max_concurrency = models.PositiveSmallIntegerField(default=4, validators=[MinValueValidator(1)])
    max_output_tokens = models.PositiveIntegerField(default=2048, validators=[MinValueValidator(1)])
    timeout_seconds = models.PositiveSmallIntegerField(default=120, validators=[MinValueValidator(1)])
    requests_per_minute = models.PositiveIntegerField(default=0, help_text="0 is no limit.")
    tokens_per_minute = models.PositiveBigIntegerField(default=0, help_text="Prompt and answer together; 0 is no limit.")
    in_house = models.BooleanField(
        default=False, help_text="It runs on machines of your own: what is sent there does not leave the house."
    )
    region = models.CharField(
        max_length=20, blank=True, validators=[REGION], help_text="Where it computes, such as eu or us; empty if unknown."
    )
    quality = models.PositiveSmallIntegerField(
        default=50, validators=PERCENT, help_text="Your own judgement from 0 to 100, for groups that are routed by quality."
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_concurrency__gte=1, max_output_tokens__gte=1, timeout_seconds__gte=1),
                name="deployment_limits_positive",
            ),
            models.CheckConstraint(condition=models.Q(continues__in=Continuation.values), name="deployment_continuation_known"),
            models.CheckConstraint(condition=models.Q(quality__range=(0, 100)), name="deployment_quality_percent"),
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
