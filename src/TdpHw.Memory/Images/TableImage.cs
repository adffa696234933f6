using System.Collections.Immutable;

namespace TdpHw.Memory;

/// <summary>Page tables that were taken from a machine, with what is known about them.</summary>
public abstract class TableImage : IDisposable
{
    private protected TableImage(
        string location, string? formatId, ImmutableArray<ImageParameter> parameters, ImmutableArray<ImageRoot> roots)
    {
        Location = location;
        FormatId = formatId;
        Parameters = parameters;
        Roots = roots;
    }

    /// <summary>The path of the file or folder that the image was opened from.</summary>
    public string Location { get; }

    /// <summary>The id of the tables' format as the image names it, or null when it does not. There may be no such format.</summary>
    public string? FormatId { get; }

    /// <summary>What the image says about the machine, in the file's order.</summary>
    public ImmutableArray<ImageParameter> Parameters { get; }

    /// <summary>The root tables, in the file's order; several may share a table.</summary>
    public ImmutableArray<ImageRoot> Roots { get; }

    /// <summary>
    /// What the system said when reading the image first failed after it was opened, or null when it never did.
    /// </summary>
    public virtual string? ReadError => null;

    /// <summary>Calls <paramref name="visitor"/> with the image's memory.</summary>
    /// <typeparam name="TResult">What the visitor gives.</typeparam>
    /// <param name="visitor">The work to do.</param>
    /// <returns>What the visitor gave.</returns>
    public abstract TResult Accept<TResult>(IImageVisitor<TResult> visitor);

    /// <summary>Lets go of files that the image holds open.</summary>
    public abstract void Dispose();
}
