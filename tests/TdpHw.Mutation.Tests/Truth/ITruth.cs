using TdpHw.Mutation.Tests.Definitions;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Something known of the hardware or of software from outside this repository.</summary>
internal interface ITruth
{
    /// <summary>What it is, for people.</summary>
    string Name { get; }

    /// <summary>The names of the definitions that it speaks of.</summary>
    IReadOnlyCollection<string> About { get; }

    /// <summary>Holds definitions against it; the first disagreement is thrown.</summary>
    /// <exception cref="DisagreementException">The definitions say something else.</exception>
    void Check(World world);
}
