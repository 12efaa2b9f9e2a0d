namespace LmmRec.Train.Harness;

/// <summary>
/// When the state of a training is saved: a killed one loses no more than half a minute and what lies between two places where it can be saved, less
/// where saving is quick, which may take a fiftieth of the time.
/// </summary>
internal sealed class SavePace(TimeProvider clock)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(30);
    private const int TimesItsCost = 50;

    private long _saved = clock.GetTimestamp();
    private TimeSpan _after = TimeSpan.Zero;

    /// <summary>Whether it is time again.</summary>
    public bool IsDue => clock.GetElapsedTime(_saved) >= _after;

    /// <summary>Saves, and measures how long that takes.</summary>
    public void Save(Action save)
    {
        var start = clock.GetTimestamp();
        save();
        _saved = clock.GetTimestamp();
        var rest = TimesItsCost * clock.GetElapsedTime(start, _saved);
        _after = rest < AtMost ? rest : AtMost;
    }
}
