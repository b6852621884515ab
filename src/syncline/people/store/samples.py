"""A few rows to show somebody what a mapping does."""

from syncline.bulk import Row, fetch
from syncline.people.facts import NO_ADDRESS


def sample_records(account_id: int, entity: str, limit: int) -> list[Row]:
    """Rows of (record_id, person_key, name, columns as JSON text): the first that have an address, in the
    order of their ids, which is any order.
    """
    return fetch(
        "SELECT record_id, person_key, name, columns FROM people_crmrecord "
        "WHERE account_id = %s AND entity = %s AND person_key NOT LIKE %s ORDER BY record_id LIMIT %s",
        [account_id, entity, NO_ADDRESS + "%", limit],
    )
