using TdpHw.Formats;

namespace TdpHw.Cli.Images;

/// <summary>Work on an image's tables, compiled for their format and for the kind of memory they lie in.</summary>
/// <typeparam name="TResult">What the work gives.</typeparam>
internal interface ITableWork<out TResult>
{
    /// <summary>Does the work.</summary>
    TResult Run<TFormat, TMemory>(in TMemory memory, ImageTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory;
}
