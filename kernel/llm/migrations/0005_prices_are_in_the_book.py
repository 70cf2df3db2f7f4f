"""Apart from moving them: Postgres alters no table in the transaction that has just referred to its rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("llm", "0004_prices_to_the_book")]
    operations = [
        migrations.RemoveConstraint(
            model_name='modeldeployment',
            name='deployment_prices_positive',
        ),
        migrations.RemoveField(
            model_name='modeldeployment',
            name='price_in_per_million',
        ),
        migrations.RemoveField(
            model_name='modeldeployment',
            name='price_out_per_million',
        ),
    ]
