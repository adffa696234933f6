using System.Globalization;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>The seam between levels as a manual counts them and as everything in this repository does.</summary>
internal static class ManualLevels
{
    /// <summary>
    /// The level, counted from 1 at the smallest page, that <paramref name="formatId"/>'s manual calls
    /// <paramref name="number"/>: the same one, unless the definition has <c>manual-levels</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The manual numbers its levels, and none is called so.</exception>
    public static int LevelOf(string formatId, int number)
    {
        FormatDescription format = FormatRegistry.Formats.Single(f => f.Id == formatId);
        return format.Levels.All(l => l.ManualLevel is null)
            ? number
            : format.Levels.SingleOrDefault(l => l.ManualLevel == number)?.Level
                ?? throw new ArgumentOutOfRangeException(
                    nameof(number), string.Create(CultureInfo.InvariantCulture, $"{formatId}'s manual has no level {number}."));
    }
}
