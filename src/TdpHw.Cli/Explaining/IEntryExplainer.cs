namespace TdpHw.Cli.Explaining;

/// <summary>Explains entries of one format on one machine, whichever format that is.</summary>
internal interface IEntryExplainer
{
    /// <summary>The highest level that the format has.</summary>
    int MaxLevel { get; }

    /// <summary>Says all there is to say of an entry.</summary>
    /// <param name="level">The level, from 1 to <see cref="MaxLevel"/>.</param>
    /// <param name="raw">The entry.</param>
    Explanation Explain(int level, ulong raw);
}
