namespace LmmRec.Sample;

/// <summary>The printed motif: outline of each <see cref="Shape"/>, ink of each <see cref="Colour"/>, filling of each <see cref="Pattern"/>; v runs downwards.</summary>
internal static class Motifs
{
    public static bool Covers(Shape shape, double u, double v) => shape switch
    {
        Shape.Circle => Length(u, v) < 0.95,
        Shape.Square => Math.Max(Math.Abs(u), Math.Abs(v)) < 0.85,
        Shape.Triangle => v < 0.75 && v > 2 * Math.Abs(u) - 1,
        Shape.Diamond => Math.Abs(u) / 0.75 + Math.Abs(v) < 1.05,
        Shape.Star => Length(u, v) < StarRadius(Math.Atan2(u, -v)),
        Shape.Ring => Length(u, v) is > 0.5 and < 1,
        Shape.Cross => Math.Min(Math.Abs(u), Math.Abs(v)) < 0.3 && Math.Max(Math.Abs(u), Math.Abs(v)) < 0.95,
        Shape.Heart => Heart(u * 1.2, 0.15 - v * 1.2),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "has no outline"),
    };

    /// <summary>Whether the filling shows full ink here; elsewhere it shows a pale one.</summary>
    public static bool IsInked(Pattern pattern, double u, double v) => pattern switch
    {
        Pattern.Plain => true,
        Pattern.Striped => Math.Sin(v * 14) > 0,
        Pattern.Dotted => Math.Sin(u * 12) * Math.Sin(v * 12) < 0.3,
        Pattern.Checked => Math.Sin(u * 9) * Math.Sin(v * 9) > 0,
        Pattern.Zigzag => Math.Sin(v * 14 + 3 * Math.Abs(((u * 2.5) % 2 + 2) % 2 - 1)) > 0,
        _ => throw new ArgumentOutOfRangeException(nameof(pattern), pattern, "has no filling"),
    };

    public static Rgb InkOf(Colour colour) => colour switch
    {
        Colour.Red => new(205, 30, 35),
        Colour.Orange => new(240, 130, 20),
        Colour.Yellow => new(240, 210, 30),
        Colour.Green => new(45, 140, 50),
        Colour.Teal => new(20, 150, 150),
        Colour.Blue => new(35, 70, 190),
        Colour.Purple => new(115, 45, 145),
        Colour.Pink => new(235, 110, 170),
        _ => throw new ArgumentOutOfRangeException(nameof(colour), colour, "has no ink"),
    };

    private static double Length(double u, double v) => Math.Sqrt(u * u + v * v);

    // Five points: the edge is the straight line from a point (radius 1.05) to the next notch (radius 0.45).
    private static double StarRadius(double angle)
    {
        const double point = 1.05, notch = 0.45, half = Math.PI / 5;
        var off = Math.Abs(angle - 2 * half * Math.Round(angle / (2 * half)));
        return point * notch * Math.Sin(half) / (point * Math.Sin(off) + notch * Math.Sin(half - off));
    }

    private static bool Heart(double x, double y)
    {
        var a = x * x + y * y - 0.7;
        return a * a * a - x * x * y * y * y * 1.2 < 0;
    }
}
