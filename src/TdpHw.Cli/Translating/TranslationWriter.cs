using TdpHw.Cli.Output;

namespace TdpHw.Cli.Translating;

/// <summary>Writes what became of addresses in one form.</summary>
internal abstract class TranslationWriter
{
    /// <summary>A writer for <paramref name="form"/>.</summary>
    public static TranslationWriter Create(OutputForm form, Utf8Output output) => form switch
    {
        OutputForm.Tsv => new TranslationTsv(output),
        OutputForm.Json => new TranslationJson(output, isArray: true),
        OutputForm.JsonLines => new TranslationJson(output, isArray: false),
        _ => new TranslationText(output),
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
