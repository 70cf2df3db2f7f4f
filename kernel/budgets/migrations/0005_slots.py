from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("budgets", "0004_functions")]

    operations = [
        migrations.AddField(
            "reservation",
            "slot",
            models.JSONField(help_text="The slot of a model that its call holds, for an emptied scheduler to know.", null=True),
        ),
    ]
