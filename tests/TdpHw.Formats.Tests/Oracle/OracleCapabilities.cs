using System.Text.Json;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>The oracle's names for capabilities, in ours.</summary>
internal static class OracleCapabilities
{
    /// <summary>Translates the capabilities of an EPT vector.</summary>
    public static IReadOnlyDictionary<string, ulong> Ept(JsonElement caps) => Translate(caps, (name, value, ours) =>
    {
        switch (name)
        {
            case "maxphyaddr":
                ours["maxphyaddr"] = value;
                break;
            case "execonly":
                ours["exec_only"] = value;
                break;
            case "huge_2m":
                ours["page_2m"] = value;
                break;
            case "huge_1g":
                ours["page_1g"] = value;
                break;
            case "ad":
                ours["accessed_dirty"] = value;
                break;
            case "mbec":
                ours["mode_based_execute"] = value;
                break;
            case "levels":
                ours["walk_5"] = value == 5 ? 1ul : 0;
                break;
            default:
                throw new InvalidDataException($"The oracle's EPT capability '{name}' is unknown.");
        }
    });

    /// <summary>Translates the capabilities of a VT-d second-stage vector.</summary>
    public static IReadOnlyDictionary<string, ulong> VtdSecondStage(JsonElement caps) =>
        Translate(caps, (name, value, ours) =>
        {
            switch (name)
            {
                case "haw":
                    ours["haw"] = value;
                    break;
                case "sllps":
                    ours["page_2m"] = value & 1;
                    ours["page_1g"] = value >> 1;
                    break;
                case "sc":
                    ours["snoop_control"] = value;
                    break;
                case "ers":
                    ours["execute_requests"] = value;
                    break;
                case "ssade":
                    ours["accessed_dirty"] = value;
                    break;
                case "mts":
                    ours["memory_type"] = value;
                    break;
                case "levels":
                    ours["walk_5"] = value == 5 ? 1ul : 0;
                    break;
                default:
                    throw new InvalidDataException($"The oracle's VT-d capability '{name}' is unknown.");
            }
        });

    /// <summary>Translates the capabilities of a vector of a format that is laid out as x86-64 paging is.</summary>
    public static IReadOnlyDictionary<string, ulong> X64(JsonElement caps) => Translate(caps, (name, value, ours) =>
    {
        switch (name)
        {
            case "physbits":
                ours["maxphyaddr"] = value;
                break;
            case "gbpages":
                ours["page_1g"] = value;
                break;
            case "nx":
                ours["no_execute"] = value;
                break;
            case "cbit":
                ours["c_bit"] = value;
                break;
            case "levels":
                ours["walk_5"] = value == 5 ? 1ul : 0;
                break;
            default:
                throw new InvalidDataException($"The oracle's paging capability '{name}' is unknown.");
        }
    });

    /// <summary>Translates the capabilities of a RISC-V guest-stage vector, whose <c>mode</c> and <c>levels</c> are its format.</summary>
    public static IReadOnlyDictionary<string, ulong> RiscVGuestStage(JsonElement caps) => Translate(caps, (name, value, ours) =>
    {
        switch (name)
        {
            case "levels":
                break;
            case "svnapot" or "svpbmt" or "svrsw60t59b":
                ours[name] = value;
                break;
            default:
                throw new InvalidDataException($"The oracle's RISC-V capability '{name}' is unknown.");
        }
    });

    /// <summary>Translates the capabilities of an ARMv8 stage-2 vector.</summary>
    public static IReadOnlyDictionary<string, ulong> ArmV8Stage2(JsonElement caps) => Translate(caps, (name, value, ours) =>
    {
        switch (name)
        {
            case "levels":
                break;
            case "ps_bits":
                ours["output_size"] = value;
                break;
            case "xnx" or "lpa2":
                ours[name] = value;
                break;
            default:
                throw new InvalidDataException($"The oracle's ARMv8 capability '{name}' is unknown.");
        }
    });

    private static Dictionary<string, ulong> Translate(
        JsonElement caps, Action<string, ulong, Dictionary<string, ulong>> translate)
    {
        var ours = new Dictionary<string, ulong>();
        foreach (JsonProperty cap in caps.EnumerateObject())
        {
            // A VT-d unit's mode decides how faults are numbered, not what entries mean; a RISC-V mode is the format.
            if (cap.Name != "mode")
            {
                translate(cap.Name, cap.Value.GetUInt64(), ours);
            }
        }

        return ours;
    }
}
