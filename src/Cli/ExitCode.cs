namespace LmmRec.Cli;

/// <summary>What the command's exit code says to a scheduler.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadConfiguration = 2;
    public const int DoneInPart = 3;
    public const int DeviceNotAvailable = 4;
    public const int InUse = 5;
    public const int TooMuchToRedo = 6;
    public const int Interrupted = 130;

    private static readonly SortedDictionary<int, string> Meanings = new()
    {
        [Done] = "done",
        [Failed] = "failed",
        [BadConfiguration] = "bad configuration or arguments",
        [DoneInPart] = "done, but some steps or too many items failed",
        [DeviceNotAvailable] = "device not available",
        [InUse] = "in use by another process",
        [TooMuchToRedo] = "more to redo than the guard allows",
        [Interrupted] = "interrupted",
    };

    /// <summary>All codes and what they mean, in one sentence.</summary>
    public static string All => $"Exit codes: {string.Join(", ", Meanings.Select(meaning => $"{meaning.Key} {meaning.Value}"))}.";

    /// <summary>What the exit code <paramref name="code"/> means.</summary>
    public static string MeaningOf(int code) => Meanings[code];
}
