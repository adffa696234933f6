namespace TdpHw.Formats;

/// <summary>
/// Work for a format that is known by name only at run time: the registry calls <see cref="Visit"/> with the format as type
/// argument, so that the work is compiled for it.
/// </summary>
/// <typeparam name="TResult">What the work gives.</typeparam>
public interface IFormatVisitor<out TResult>
{
    /// <summary>Does the work for <typeparamref name="TFormat"/>.</summary>
    TResult Visit<TFormat>()
        where TFormat : struct, IPageTableFormat<TFormat>;
}
