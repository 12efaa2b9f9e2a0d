namespace LmmRec.Sample;

/// <summary>The outline and tint of each <see cref="Kind"/>, in coordinates from -1 to 1 with v downwards.</summary>
internal static class Silhouettes
{
    public static bool Covers(Kind kind, double u, double v) => kind switch
    {
        Kind.Mug => Box(u + 0.12, v, 0.66, 0.72) || Ring(u - 0.56, v, 0.24, 0.4),
        Kind.Cushion => Math.Pow(Math.Abs(u), 4) + Math.Pow(Math.Abs(v), 4) < 0.5,
        Kind.Kite => Math.Abs(u) / 0.85 + Math.Abs(v) < 1,
        Kind.LunchBox => Box(u, v - 0.12, 0.92, 0.58) || (v < -0.4 && Ring(u, v + 0.42, 0.24, 0.38)),
        Kind.Notebook => Box(u, v, 0.64, 0.9) && !(u < -0.5 && Math.Sin(v * 24) > 0.5),
        Kind.TeaTowel => Box(u, v + 0.1, 0.72, 0.75) || (Box(u, v - 0.75, 0.72, 0.12) && Math.Sin(u * 50) > 0),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no silhouette"),
    };

    public static Rgb TintOf(Kind kind) => kind switch
    {
        Kind.Mug => new(244, 232, 196),
        Kind.Cushion => new(196, 186, 172),
        Kind.Kite => new(176, 208, 236),
        Kind.LunchBox => new(150, 156, 162),
        Kind.Notebook => new(92, 82, 78),
        Kind.TeaTowel => new(198, 218, 186),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no tint"),
    };

    private static bool Box(double u, double v, double halfWidth, double halfHeight) => Math.Abs(u) < halfWidth && Math.Abs(v) < halfHeight;

    private static bool Ring(double u, double v, double inner, double outer) => u * u + v * v is var r && r > inner * inner && r < outer * outer;
}
