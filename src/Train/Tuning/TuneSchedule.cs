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

/// <summary>What the names of schedules stand for.</summary>
internal static class TuneSchedules
{
    /// <summary>The schedule of a training.</summary>
    /// <param name="schedule">its name</param>
    /// <param name="rate">the largest learning rate</param>
    /// <param name="updates">of the whole training, over which it falls</param>
    /// <param name="warmUp">of them, over which it rises</param>
    public static Schedule Over(this TuneSchedule schedule, double rate, long updates, long warmUp = 0) => schedule switch
    {
        TuneSchedule.Cosine => new CosineSchedule(rate, updates, warmUp),
        TuneSchedule.Linear => new LinearSchedule(rate, updates, warmUp),
        _ => new ConstantSchedule(rate, warmUp),
    };
}
