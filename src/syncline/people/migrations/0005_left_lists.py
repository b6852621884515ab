from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_opt_in"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="bookmember",
            index=models.Index(
                condition=models.Q(("status", "suppressed")),
                fields=["person_key", "list_id"],
                name="book_member_left",
            ),
        ),
    ]
