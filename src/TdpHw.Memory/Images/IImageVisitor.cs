using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// Work on an image whose kind is known at run time only: the image calls <see cref="Visit"/> with the type of its memory
/// as type argument, so that the work is compiled for it.
/// </summary>
/// <typeparam name="TResult">What the work gives.</typeparam>
public interface IImageVisitor<out TResult>
{
    /// <summary>Does the work on <paramref name="memory"/>.</summary>
    /// <typeparam name="TMemory">The type of the memory.</typeparam>
    /// <param name="memory">The image's memory, readable until the image is disposed of.</param>
    /// <returns>The result of the work.</returns>
    TResult Visit<TMemory>(in TMemory memory)
        where TMemory : struct, IPhysicalMemory;
}
