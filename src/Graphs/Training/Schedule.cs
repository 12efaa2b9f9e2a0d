using System.Text.Json.Serialization;

namespace LmmRec.Graphs;

/// <summary>The learning rate as a function of the number of updates made so far.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(ExponentialSchedule), "exponential")]
[JsonDerivedType(typeof(LinearSchedule), "linear")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
public abstract record Schedule
{
    /// <summary>The rate of the update after <paramref name="step"/> others, so from 0.</summary>
    public abstract double At(long step);

    // 1/w, 2/w, … 1 over the first w updates; null behind them.
    private protected static double? WarmUp(long step, long updates) => step < updates ? (step + 1.0) / updates : null;

    // How far the updates after the warm-up are done, from 0 to 1.
    private protected static double Progress(long step, long warmUp, long total) => Math.Clamp((step - warmUp) / (double)Math.Max(1, total - warmUp), 0, 1);
}

/// <summary>Up to <paramref name="Rate"/> in <paramref name="WarmUpSteps"/> updates, then always that.</summary>
public sealed record ConstantSchedule(double Rate, long WarmUpSteps = 0) : Schedule
{
    public override double At(long step) => Rate * (WarmUp(step, WarmUpSteps) ?? 1);
}

/// <summary><paramref name="Rate"/> × <paramref name="Gamma"/> to the power of step / <paramref name="Every"/>, a real number.</summary>
public sealed record ExponentialSchedule(double Rate, double Gamma, double Every) : Schedule
{
    public override double At(long step) => Rate * Math.Pow(Gamma, step / Every);
}

/// <summary>Up to <paramref name="Rate"/> in <paramref name="WarmUpSteps"/> updates, then straight down to 0 at <paramref name="TotalSteps"/>.</summary>
public sealed record LinearSchedule(double Rate, long TotalSteps, long WarmUpSteps = 0) : Schedule
{
    public override double At(long step) => Rate * (WarmUp(step, WarmUpSteps) ?? 1 - Progress(step, WarmUpSteps, TotalSteps));
}

/// <summary>Up to <paramref name="Rate"/> in <paramref name="WarmUpSteps"/> updates, then half a cosine down to 0 at <paramref name="TotalSteps"/>.</summary>
public sealed record CosineSchedule(double Rate, long TotalSteps, long WarmUpSteps = 0) : Schedule
{
    public override double At(long step) => Rate * (WarmUp(step, WarmUpSteps) ?? 0.5 * (1 + Math.Cos(Math.PI * Progress(step, WarmUpSteps, TotalSteps))));
}
