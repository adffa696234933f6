namespace TdpHw.Cli.Tests.Readme;

/// <summary>Tests that change the console or the current folder of the whole process, and so run alone.</summary>
[CollectionDefinition(nameof(ProcessWideState), DisableParallelization = true)]
public sealed class ProcessWideState;
