from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_left_lists"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lookupname",
            index=models.Index(fields=["account_id", "record_id"], name="lookup_name_record"),
        ),
    ]
