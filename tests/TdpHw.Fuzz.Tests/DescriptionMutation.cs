using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace TdpHw.Fuzz.Tests;

/// <summary>Lies in <c>capture.json</c>: other values, other types, keys that are missing or new, text that is no JSON.</summary>
internal static class DescriptionMutation
{
    private static readonly string[] Texts =
    [
        "", "0x", "0x0", "0xfff", "0x1000", "0xffffffffffffffff", "0x10000000000000000", "-1", "4", "ept", "vtd-ss", "true", "\u0000", "ä\n",
    ];

    /// <summary>The text of the description after one to three lies.</summary>
    public static byte[] Apply(JsonObject description, Random random)
    {
        var lying = (JsonObject)description.DeepClone();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            Lie(lying, random);
        }

        byte[] text = Encoding.UTF8.GetBytes(lying.ToJsonString());
        switch (random.Next(10))
        {
            case 0:
                return text[..random.Next(text.Length)];
            case 1:
                text[random.Next(text.Length)] = (byte)random.Next(256);
                return text;
            default:
                return text;
        }
    }

    private static void Lie(JsonObject root, Random random)
    {
        JsonObject owner = random.Next(4) switch
        {
            0 => root,
            1 or 2 when root["parameters"] is JsonObject parameters => parameters,
            _ when root["roots"] is JsonArray { Count: > 0 } roots && roots[random.Next(roots.Count)] is JsonObject one => one,
            _ => root,
        };
        string[] keys = [.. owner.Select(p => p.Key)];
        string key = keys.Length == 0 || random.Next(12) == 0
            ? "new" + random.Next(3).ToString(CultureInfo.InvariantCulture)
            : keys[random.Next(keys.Length)];
        switch (random.Next(7))
        {
            case 0:
                owner.Remove(key);
                break;
            case 1:
                owner[key] = random.Next(-2, 70);
                break;
            case 2:
                owner[key] = random.NextInt64();
                break;
            case 3:
                owner[key] = random.Next(2) == 0;
                break;
            case 4:
                owner[key] = null;
                break;
            case 5:
                owner[key] = new JsonArray(1, "x");
                break;
            default:
                owner[key] = Texts[random.Next(Texts.Length)];
                break;
        }
    }
}
