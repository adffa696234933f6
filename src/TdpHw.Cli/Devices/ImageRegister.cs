using TdpHw.Cli.Input;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>Whole registers that an image tells.</summary>
internal static class ImageRegister
{
    /// <summary>What the register called by any of <paramref name="names"/> reads; null where the image does not say it.</summary>
    /// <exception cref="InputException">It is said, and is no number.</exception>
    public static ulong? Find(TableImage image, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            foreach (ImageParameter parameter in image.Parameters.Where(p => p.Name == name))
            {
                return parameter.Kind == ImageParameterKind.Number
                    ? parameter.Number
                    : throw new InputException($"{image.Location}: parameter '{name}': '{parameter.Text}' is not a number");
            }
        }

        return null;
    }
}
