from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="suppression",
            name="note",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="suppression",
            name="asked_by",
            field=models.CharField(blank=True, db_default="", max_length=320),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(fields=["account_id", "reason", "person_key"], name="suppression_reason"),
        ),
    ]
