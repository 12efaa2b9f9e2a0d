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
}
