from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0003_suppressed_by_hand"),
    ]

    operations = [
        migrations.CreateModel(
            name="Resubscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("person_key", models.CharField(max_length=320)),
                ("list_id", models.BigIntegerField(null=True)),
                ("ground", models.CharField(max_length=12)),
                ("evidence", models.TextField(max_length=1000)),
                ("asked_by", models.CharField(max_length=320)),
                ("asked_at", models.DateTimeField()),
                ("state", models.CharField(max_length=12)),
            ],
            options={
                "indexes": [models.Index(fields=["account_id", "person_key"], name="resubscription_person")],
            },
        ),
    ]
