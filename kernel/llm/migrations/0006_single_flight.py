from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("llm", "0005_prices_are_in_the_book")]
    operations = [
        migrations.AddField(
            model_name="modelroute",
            name="single_flight",
            field=models.BooleanField(
                default=True, help_text="Whether who asks what another of the tenant is just asking waits for that answer."
            ),
        )
    ]
