namespace LmmRec.Encoders.Training;

/// <summary>The names of temperature and bias of a contrast, which a file may have with the name of a module before them.</summary>
internal static class TuningNames
{
    public const string LogitScale = "logit_scale", LogitBias = "logit_bias";

    /// <summary>Whether a weight is one of the two.</summary>
    public static bool IsTemperature(string name) => Last(name) is LogitScale or LogitBias;

    /// <summary>What stands behind the last dot.</summary>
    public static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
}
