using TdpHw.Cli.Output;

namespace TdpHw.Cli.Devices;

/// <summary>Writes what a unit does with requests in one form.</summary>
internal abstract class DeviceAnswerWriter
{
    /// <summary>A writer for <paramref name="form"/>.</summary>
    public static DeviceAnswerWriter Create(OutputForm form, Terminal terminal) => form switch
    {
        OutputForm.Tsv => new DeviceAnswerTsv(terminal),
        OutputForm.Json => new DeviceAnswerJson(terminal.Output, isArray: true),
        OutputForm.JsonLines => new DeviceAnswerJson(terminal.Output, isArray: false),
        _ => new DeviceAnswerText(terminal.Output),
    };

    /// <summary>Begins the answers.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Writes an answer.</summary>
    public abstract void Write(in DeviceAnswer answer);

    /// <summary>Writes what is wrong with a line that is no address, in the place of its answer.</summary>
    public abstract void WriteError(string problem);

    /// <summary>Ends the answers.</summary>
    public virtual void End()
    {
    }
}
