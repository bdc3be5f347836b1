"""datapackage.json: a Frictionless Data Package with the Table Schema of each table."""

import json
from typing import Any

from participation.exchange.exporting import Contents
from participation.exchange.tables import NAMED_TABLES, TABLES, VERSION, Column, Table


def descriptor(contents: Contents) -> str:
    """Return the text of datapackage.json. Nothing in it moves from one export to the next."""
    package = {
        "profile": "tabular-data-package",
        "name": "participation",
        "title": "Participation : rencontres, propositions, avis et instances",
        "version": VERSION,
        "resources": [resource(table, contents) for table in TABLES],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def resource(table: Table, contents: Contents) -> dict[str, Any]:
    """Return the description of a table, with its Table Schema."""
    columns = contents.columns(table)
    schema: dict[str, Any] = {"fields": [_field(column) for column in columns], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = table.key
    foreign = [_foreign_key(table, column) for column in columns if _names_a_row(column)]
    if foreign and not contents.open_data:  # an open-data package leaves rows out
        schema["foreignKeys"] = foreign
    return described(table.name, table.help, schema)


def described(name: str, help_: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description of the CSV file `name`.csv, as `csv_line` writes it."""
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "description": help_,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    constraints = dict(column.kind.schema.get("constraints", {}))
    if column.required:
        constraints = {"required": True, **constraints}
    field = {"name": column.name, **column.kind.schema, "description": f"{column.help} ({column.kind.hint()})"}
    field.pop("constraints", None)
    return field | ({"constraints": constraints} if constraints else {})


def _names_a_row(column: Column) -> bool:
    return column.names in NAMED_TABLES and not column.kind.many


def _foreign_key(table: Table, column: Column) -> dict[str, Any]:
    assert column.names
    named = NAMED_TABLES[column.names]
    resource = "" if named is table else named.name
    return {"fields": column.name, "reference": {"resource": resource, "fields": named.key}}
