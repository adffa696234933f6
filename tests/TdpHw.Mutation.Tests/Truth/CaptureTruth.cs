using System.Text.Json;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Every entry of real tables, as the software that wrote them meant it.</summary>
internal sealed class CaptureTruth(Capture capture) : ITruth
{
    public string Name => capture.Name;

    public IReadOnlyCollection<string> About { get; } = capture.Format switch
    {
        "ept" => ["Ept", "EptVpidCap", "KvmEpt"],
        "npt" => ["Npt", "KvmNpt"],
        "amdv1" => ["AmdV1"],
        _ => ["VtdSecondStage", "VtdCap", "VtdEcap"],
    };

    public void Check(World world)
    {
        SpecFormat format = world.Format(capture.Format);
        SpecRules rules = format.Resolve(Capabilities(format));
        string? overlay = About.FirstOrDefault(name => name.StartsWith("Kvm", StringComparison.Ordinal));
        SpecVariant? software = overlay is null ? null : new SpecVariant(world.Overlay(overlay).Variants[0]);
        var listing = new CaptureListing(capture, format.Spec, rules, software);
        foreach ((ulong table, int levels) in capture.DistinctRoots)
        {
            listing.List(table, levels);
        }

        listing.End();
    }

    /// <summary>A register says what the hardware can do, a capability's own name what was in use.</summary>
    private Dictionary<string, int> Capabilities(SpecFormat format)
    {
        var values = new Dictionary<string, int>();
        foreach (JsonProperty parameter in capture.Parameters.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String))
        {
            foreach ((string name, int value) in format.ReadRegister(parameter.Name, parameter.Value.Hex()))
            {
                values[name] = value;
            }
        }

        foreach (CapabilitySpec capability in format.Spec.Capabilities)
        {
            if (capture.Parameters.TryGetProperty(capability.Name, out JsonElement value))
            {
                values[capability.Name] = (int)value.NumberOrNull()!.Value;
            }
        }

        return values;
    }
}
