using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum TuneSchedule
{
    /// <summary>Half a cosine down to 0.</summary>
    Cosine,

    /// <summary>Straight down to 0.</summary>
    Linear,

    /// <summary>It stays.</summary>
    Constant,
}

/// <summary>The schedules by their names.</summary>
internal static class TuneSchedules
{
    /// <summary>The schedule of a name.</summary>
    /// <param name="name">how it goes on</param>
    /// <param name="rate">the highest learning rate</param>
    /// <param name="updates">over which it falls, those of the warm-up among them</param>
    /// <param name="warmUp">updates over which it rises</param>
    public static Schedule Of(this TuneSchedule name, double rate, long updates, long warmUp = 0) => name switch
    {
        TuneSchedule.Cosine => new CosineSchedule(rate, updates, warmUp),
        TuneSchedule.Linear => new LinearSchedule(rate, updates, warmUp),
        _ => new ConstantSchedule(rate, warmUp),
    };
}
