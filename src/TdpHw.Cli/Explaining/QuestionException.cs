namespace TdpHw.Cli.Explaining;

/// <summary>A question that can't be answered.</summary>
/// <param name="message">What is wrong with it.</param>
internal sealed class QuestionException(string message) : Exception(message);
