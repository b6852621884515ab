"""Metadata in the API's verbose form: tables, keys, relationships, choices."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.metadata.labels import label, managed
from syncline_sandbox.dataverse.metadata.privileges import privileges_of
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.schema.model import Key, ManyToMany, OneToMany, Option, OptionSet, Table

Json = dict[str, Any]
_NAMESPACE = "#Microsoft.Dynamics.CRM."
_INTRODUCED = "5.0.0.0"
_CASCADES = ("Assign", "Archive", "Delete", "Merge", "Reparent", "RollupView", "Share", "Unshare")


def table_json(organisation: Organisation, table: Table) -> Json:
    """EntityMetadata without its navigation properties."""
    custom = table.custom
    found: Json = {
        "MetadataId": table.metadata_id,
        "HasChanged": None,
        "ActivityTypeMask": 1 if table.is_activity else 0,
        "AutoRouteToOwnerQueue": False,
        "CanTriggerWorkflow": True,
        "EntityHelpUrlEnabled": False,
        "EntityHelpUrl": None,
        "IsDocumentManagementEnabled": False,
        "IsOneNoteIntegrationEnabled": False,
        "IsInteractionCentricEnabled": True,
        "IsKnowledgeManagementEnabled": False,
        "IsSLAEnabled": False,
        "IsBPFEntity": False,
        "IsDocumentRecommendationsEnabled": False,
        "IsMSTeamsIntegrationEnabled": False,
        "DataProviderId": None,
        "DataSourceId": None,
        "AutoCreateAccessTeams": False,
        "IsActivity": table.is_activity,
        "IsActivityParty": table.name in ("account", "contact", "lead", "systemuser"),
        "IsRetrieveAuditEnabled": False,
        "IsRetrieveMultipleAuditEnabled": False,
        "IsArchivalEnabled": False,
        "IsRetentionEnabled": False,
        "IsAvailableOffline": True,
        "IsChildEntity": table.ownership == "None",
        "IsAIRUpdated": True,
        "IconLargeName": None,
        "IconMediumName": None,
        "IconSmallName": None,
        "IconVectorName": None,
        "IsCustomEntity": custom,
        "IsBusinessProcessEnabled": not table.is_intersect,
        "SyncToExternalSearchIndex": False,
        "IsOptimisticConcurrencyEnabled": table.optimistic_concurrency,
        "ChangeTrackingEnabled": table.change_tracking,
        "IsImportable": not table.is_intersect,
        "IsIntersect": table.is_intersect,
        "IsManaged": not custom,
        "IsEnabledForCharts": True,
        "IsEnabledForTrace": False,
        "IsValidForAdvancedFind": True,
        "DaysSinceRecordLastModified": 0,
        "MobileOfflineFilters": "",
        "IsReadingPaneEnabled": True,
        "IsQuickCreateEnabled": table.name in ("account", "contact", "lead"),
        "LogicalName": table.name,
        "ObjectTypeCode": table.type_code,
        "OwnershipType": table.ownership,
        "PrimaryNameAttribute": table.primary_name,
        "PrimaryImageAttribute": "entityimage" if "entityimageid" in table.columns else None,
        "PrimaryIdAttribute": table.primary_id,
        "RecurrenceBaseEntityLogicalName": None,
        "ReportViewName": f"Filtered{table.schema_name}",
        "SchemaName": table.schema_name,
        "IntroducedVersion": "1.0.0.0" if custom else _INTRODUCED,
        "IsStateModelAware": "statecode" in table.columns,
        "EnforceStateTransitions": False,
        "ExternalName": None,
        "EntityColor": None,
        "LogicalCollectionName": table.set_name,
        "ExternalCollectionName": None,
        "CollectionSchemaName": f"{table.schema_name}s",
        "EntitySetName": table.set_name,
        "IsEnabledForExternalChannels": True,
        "IsPrivate": False,
        "UsesBusinessDataLabelTable": False,
        "IsLogicalEntity": False,
        "HasNotes": table.has_notes,
        "HasActivities": table.has_activities,
        "HasFeedback": False,
        "IsSolutionAware": False,
        "CreatedOn": "1900-01-01T00:00:00Z",
        "ModifiedOn": organisation.stamp(),
        "HasEmailAddresses": any(column.format == "Email" for column in table.columns.values()),
        "OwnerId": None,
        "OwnerIdType": 8,
        "OwningBusinessUnit": None,
        "TableType": "Standard",
        "Description": label(table.description, managed=not custom),
        "DisplayCollectionName": label(table.plural, managed=not custom),
        "DisplayName": label(table.label, managed=not custom),
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "IsValidForQueue": managed(False, "canmodifyqueuesettings"),
        "IsConnectionsEnabled": managed(True, "canmodifyconnectionsettings"),
        "IsCustomizable": managed(True, "iscustomizable", can_change=custom),
        "IsRenameable": managed(True, "isrenameable", can_change=custom),
        "IsMappable": managed(True, "ismappable", can_change=False),
        "IsDuplicateDetectionEnabled": managed(
            table.duplicate_detection, "canmodifyduplicatedetectionsettings"
        ),
        "CanCreateAttributes": managed(not table.is_intersect, "cancreateattributes", can_change=False),
        "CanCreateForms": managed(True, "cancreateforms", can_change=custom),
        "CanCreateViews": managed(True, "cancreateviews", can_change=custom),
        "CanCreateCharts": managed(True, "cancreatecharts", can_change=custom),
        "CanBeRelatedEntityInRelationship": managed(
            True, "canberelatedentityinrelationship", can_change=False
        ),
        "CanBePrimaryEntityInRelationship": managed(
            True, "canbeprimaryentityinrelationship", can_change=False
        ),
        "CanBeInManyToMany": managed(True, "canbeinmanytomany", can_change=False),
        "CanBeInCustomEntityAssociation": managed(True, "canbeincustomentityassociation", can_change=False),
        "CanEnableSyncToExternalSearchIndex": managed(True, "canenablesynctoexternalsearchindex"),
        "CanModifyAdditionalSettings": managed(True, "canmodifyadditionalsettings", can_change=custom),
        "CanChangeHierarchicalRelationship": managed(True, "canchangehierarchicalrelationship"),
        "CanChangeTrackingBeEnabled": managed(table.can_change_tracking, "canchangetrackingbeenabled"),
        "IsMailMergeEnabled": managed(False, "canmodifymailmergesettings"),
        "IsVisibleInMobile": managed(False, "canmodifymobilevisibility"),
        "IsVisibleInMobileClient": managed(True, "canmodifymobileclientvisibility"),
        "IsReadOnlyInMobileClient": managed(False, "canmodifymobileclientreadonly"),
        "IsOfflineInMobileClient": managed(False, "canmodifymobileclientoffline"),
        "Privileges": privileges_of(table),
        "Settings": [],
    }
    return found | table.extra


def key_json(organisation: Organisation, table: Table, key: Key) -> Json:
    return {
        "MetadataId": key.metadata_id,
        "HasChanged": None,
        "KeyAttributes": key.columns,
        "EntityLogicalName": table.name,
        "LogicalName": key.name,
        "SchemaName": key.schema_name,
        "EntityKeyIndexStatus": key_status(organisation, key),
        "IsManaged": False,
        "IsSynchronous": False,
        "IsExportKey": False,
        "IsSecondaryKey": False,
        "IntroducedVersion": "1.0.0.0",
        "DisplayName": label(key.label, managed=False),
        "IsCustomizable": managed(True, "iscustomizable"),
    }


def key_status(organisation: Organisation, key: Key) -> str:
    if key.built:
        return "Active"
    if key.failed:
        return "Failed"
    remaining_ms = key.active_from_ms - organisation.clock.epoch_ms()
    half_ms = organisation.settings.key_index_delay_s * 500
    return "Pending" if remaining_ms > half_ms else "InProgress"


def one_to_many_json(organisation: Organisation, one: OneToMany) -> Json:
    table = organisation.catalogue.tables[one.referenced]
    cascade = dict.fromkeys(_CASCADES, "NoCascade") | {"Delete": one.delete}
    found: Json = {
        "@odata.type": _NAMESPACE + "OneToManyRelationshipMetadata",
        "MetadataId": one.metadata_id,
        "HasChanged": None,
        "IsCustomRelationship": one.custom,
        "IsValidForAdvancedFind": True,
        "SchemaName": one.schema_name,
        "SecurityTypes": "Append",
        "IsManaged": not one.custom,
        "RelationshipType": "OneToManyRelationship",
        "IntroducedVersion": "1.0.0.0" if one.custom else _INTRODUCED,
        "ReferencedAttribute": table.primary_id,
        "ReferencedEntity": one.referenced,
        "ReferencingAttribute": one.column,
        "ReferencingEntity": one.referencing,
        "IsHierarchical": False,
        "EntityKey": None,
        "IsRelationshipAttributeDenormalized": False,
        "ReferencedEntityNavigationPropertyName": one.collection_navigation,
        "ReferencingEntityNavigationPropertyName": one.lookup_navigation,
        "RelationshipBehavior": 1,
        "IsDenormalizedLookup": None,
        "DenormalizedAttributeName": None,
        "IsCustomizable": managed(True, "iscustomizable", can_change=one.custom),
        "AssociatedMenuConfiguration": _menu(),
        "CascadeConfiguration": cascade,
        "RelationshipAttributes": [],
    }
    return found | one.extra


def many_to_many_json(many: ManyToMany) -> Json:
    return {
        "@odata.type": _NAMESPACE + "ManyToManyRelationshipMetadata",
        "MetadataId": many.metadata_id,
        "HasChanged": None,
        "IsCustomRelationship": many.custom,
        "IsValidForAdvancedFind": True,
        "SchemaName": many.schema_name,
        "SecurityTypes": "None",
        "IsManaged": not many.custom,
        "RelationshipType": "ManyToManyRelationship",
        "IntroducedVersion": "1.0.0.0" if many.custom else _INTRODUCED,
        "Entity1LogicalName": many.table1,
        "Entity2LogicalName": many.table2,
        "IntersectEntityName": many.intersect,
        "Entity1IntersectAttribute": many.column1,
        "Entity2IntersectAttribute": many.column2,
        "Entity1NavigationPropertyName": many.navigation1,
        "Entity2NavigationPropertyName": many.navigation2,
        "IsCustomizable": managed(True, "iscustomizable", can_change=many.custom),
        "Entity1AssociatedMenuConfiguration": _menu(),
        "Entity2AssociatedMenuConfiguration": _menu(),
    } | many.extra


def _menu() -> Json:
    return {
        "Behavior": "UseCollectionName",
        "Group": "Details",
        "Order": None,
        "IsCustomizable": True,
        "Icon": None,
        "ViewId": "00000000-0000-0000-0000-000000000000",
        "AvailableOffline": True,
        "MenuId": None,
        "QueryApi": None,
        "Label": label(None),
    }


def option_json(option: Option, kind: str = "Picklist", *, custom: bool = False) -> Json:
    found: Json = {
        "Value": option.value,
        "Color": option.color,
        "IsManaged": not custom,
        "ExternalValue": None,
        "ParentValues": [],
        "Tag": None,
        "IsHidden": False,
        "MetadataId": None,
        "HasChanged": None,
        "Label": label(option.label, managed=not custom),
        "Description": label(option.description, managed=not custom),
    }
    if kind == "Status":
        found = {
            "@odata.type": _NAMESPACE + "StatusOptionMetadata",
            "State": option.state,
            "TransitionData": None,
        } | found
    return found


def option_set_json(
    name: str,
    options: list[Option],
    metadata_id: str,
    kind: str,
    text: str,
    *,
    is_global: bool,
    custom: bool,
    states: dict[int, int] | None = None,
) -> Json:
    """OptionSetMetadata; ``states`` gives the default status of each state."""
    rendered = [option_json(option, kind, custom=custom) for option in options]
    if states is not None:
        rendered = [
            {
                "@odata.type": _NAMESPACE + "StateOptionMetadata",
                "DefaultStatus": states.get(option.value),
                "InvariantName": option.label,
            }
            | plain
            for option, plain in zip(options, rendered, strict=True)
        ]
    return {
        "MetadataId": metadata_id,
        "HasChanged": None,
        "IsCustomOptionSet": custom,
        "IsGlobal": is_global,
        "IsManaged": not custom,
        "Name": name,
        "ExternalTypeName": None,
        "OptionSetType": kind,
        "IntroducedVersion": "1.0.0.0" if custom else _INTRODUCED,
        "ParentOptionSetName": None,
        "Description": label(None),
        "DisplayName": label(text, managed=not custom),
        "IsCustomizable": managed(True, "iscustomizable", can_change=custom),
        "Options": rendered,
    }


def global_option_set_json(option_set: OptionSet) -> Json:
    found = option_set_json(
        option_set.name,
        option_set.options,
        option_set.metadata_id,
        "Picklist",
        option_set.label,
        is_global=True,
        custom=option_set.custom,
    )
    found["Description"] = label(option_set.description, managed=not option_set.custom)
    return {"@odata.type": _NAMESPACE + "OptionSetMetadata"} | found
