using TdpHw.Cli.Output;

namespace TdpHw.Cli.Translating;

/// <summary>Writes what became of addresses in one form.</summary>
internal abstract class TranslationWriter
{
    /// <summary>A writer for <paramref name="form"/>.</summary>
    public static TranslationWriter Create(OutputForm form, Terminal terminal) => form switch
    {
        OutputForm.Tsv => new TranslationTsv(terminal),
        OutputForm.Json => new TranslationJson(terminal.Output, isArray: true),
        OutputForm.JsonLines => new TranslationJson(terminal.Output, isArray: false),
        _ => new TranslationText(terminal.Output),
    };

    /// <summary>Begins the answers.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Writes an answer.</summary>
    public abstract void Write(in Translation translation);

    /// <summary>Writes what is wrong with a line that is no address, in the place of its answer.</summary>
    public abstract void WriteError(string problem);

    /// <summary>Ends the answers.</summary>
    public virtual void End()
    {
    }
}
