"""What deployments cost becomes the first row of each in the price book, in force since the deployment was made."""

from django.db import migrations, models


def to_the_book(apps, schema_editor):
    price, deployment = apps.get_model("llm", "ModelPrice"), apps.get_model("llm", "ModelDeployment")
    costs = models.Q(price_in_per_million__gt=0) | models.Q(price_out_per_million__gt=0)
    price.objects.bulk_create(
        price(
            deployment=row, valid_from=row.created_at, prompt=row.price_in_per_million, completion=row.price_out_per_million
        )
        for row in deployment.objects.filter(costs)
    )


class Migration(migrations.Migration):
    dependencies = [("llm", "0003_routes_prices_prompts")]
    operations = [migrations.RunPython(to_the_book, migrations.RunPython.noop)]
