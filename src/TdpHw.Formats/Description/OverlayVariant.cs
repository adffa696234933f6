using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>One way in which a software uses a format, where its versions differ.</summary>
public sealed record OverlayVariant
{
    /// <summary>The variant's name after the colon of <c>--overlay name:variant</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Which versions of the software it describes.</summary>
    public required string Summary { get; init; }

    /// <summary>Bits of present entries that the software uses for itself.</summary>
    public required ImmutableArray<FieldDescription> Fields { get; init; }

    /// <summary>Entries with a meaning of their own.</summary>
    public required ImmutableArray<SpecialEncoding> Encodings { get; init; }

    /// <summary>The values of an entry that holds nothing; the first is the one that the software writes.</summary>
    public required ImmutableArray<ulong> EmptyValues { get; init; }

    /// <summary>Bits that the software promises to leave zero in every entry, beyond what the hardware reserves.</summary>
    public ulong MustBeZero { get; init; }

    /// <summary>Whether <paramref name="entry"/> holds nothing.</summary>
    public bool IsEmpty(ulong entry)
    {
        for (int i = 0; i < EmptyValues.Length; i++)
        {
            if (EmptyValues[i] == entry)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The meaning of an entry that does not translate, or null when the software has none for it.</summary>
    public SpecialEncoding? MeaningOf(ulong entry)
    {
        foreach (SpecialEncoding encoding in Encodings)
        {
            for (int i = 0; i < encoding.Tests.Length; i++)
            {
                if (encoding.Tests[i].Matches(entry))
                {
                    return encoding;
                }
            }
        }

        return null;
    }
}
