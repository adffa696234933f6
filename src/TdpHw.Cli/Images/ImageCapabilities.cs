using System.Collections.Immutable;
using System.Numerics;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Input;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Images;

/// <summary>What an image tells about the capabilities of the machine it comes from.</summary>
internal static class ImageCapabilities
{
    /// <summary>
    /// The defaults, then what whole registers tell, then what is told by a capability's own name: a register says what the
    /// hardware can do, the name says what was in use. Other parameters inform a reader only.
    /// </summary>
    /// <exception cref="InputException">A parameter has a value that its capability does not take.</exception>
    public static CapabilityValues Of(TableImage image, FormatDescription format)
    {
        CapabilityValues values = format.DefaultCapabilities;
        foreach (ImageParameter parameter in image.Parameters.Where(p => CapabilitySetting.IsRegister(values, p.Name)))
        {
            values = Apply(image, values, parameter);
        }

        foreach (ImageParameter parameter in image.Parameters.Where(p => values.IndexOf(p.Name) >= 0))
        {
            values = Apply(image, values, parameter);
        }

        return values;
    }

    /// <summary>A walk of a depth that needs a capability proves that the machine has it.</summary>
    public static CapabilityValues WithWalks(
        CapabilityValues values, FormatDescription format, ImmutableArray<RequestedRoot> roots)
    {
        foreach (WalkDescription walk in format.Walks.Where(w => roots.Any(r => r.Levels == w.Shape.Levels)))
        {
            values = WithWalk(values, walk);
        }

        return values;
    }

    /// <summary>The values with everything on that a depth of walk needs.</summary>
    public static CapabilityValues WithWalk(CapabilityValues values, WalkDescription walk)
    {
        for (uint needs = walk.Condition.Needs; needs != 0; needs &= needs - 1)
        {
            CapabilityDescription needed = values.Descriptions[BitOperations.TrailingZeroCount(needs)];
            values = needed.Kind == CapabilityKind.Flag ? values.With(needed.Name, 1) : values;
        }

        return values;
    }

    private static CapabilityValues Apply(TableImage image, CapabilityValues values, ImageParameter parameter)
    {
        try
        {
            return CapabilitySetting.Apply(values, parameter.Name, parameter.Text);
        }
        catch (CapabilityException e)
        {
            throw new InputException($"{image.Location}: parameter {e.Message}");
        }
    }
}
