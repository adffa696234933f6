using System.Text.Json.Nodes;
using TdpHw.Cli.Output;
using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Cli.Simulating.World;

/// <summary>What an importer is told of a table, as answers show it: by the names of the C struct.</summary>
internal static class MetadataJson
{
    private const int Rows = 2;
    private const int Levels = 5;

    public static JsonNode? Of(IExportedTdpMetadata? metadata)
    {
        if (metadata is not VmxTdpMetadata { Value: var value })
        {
            return metadata is null ? null : new JsonObject { ["type"] = metadata.Type };
        }

        return new JsonObject
        {
            ["type"] = (uint)value.Type,
            ["level"] = value.Level,
            ["root_hpa"] = HexText.Of(value.RootHpa),
            ["max_huge_page_level"] = value.MaxHugePageLevel,
            ["rsvd_bits_mask"] = new JsonArray([.. Enumerable.Range(0, Rows).Select(row => Row(value, row))]),
        };
    }

    private static JsonArray Row(KvmExportedTdpMetaVmx value, int row) =>
        [.. Enumerable.Range(0, Levels).Select(level => (JsonNode)HexText.Of(value.GetRsvdBitsMask(row, level)))];
}
