from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_plans_and_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="emailaccount",
            name="mark_do_not_bulk_email",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="emailaccount",
            name="keep_crm_suppression_list",
            field=models.BooleanField(default=True),
        ),
    ]
