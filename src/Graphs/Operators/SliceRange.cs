namespace LmmRec.Graphs;

/// <summary>What a slice takes of an axis: the first position and how many; named dimensions are taken as large enough.</summary>
internal readonly record struct SliceRange(Dim Start, Dim Count)
{
    public static SliceRange Of(Dim size, Dim start, Dim end, long step)
    {
        if (size.IsFixed && start.IsFixed && end.IsFixed)
        {
            var (n, low, high) = (size.Value, step > 0 ? 0L : -1L, step > 0 ? size.Value : size.Value - 1);
            long Bound(long b) => Math.Clamp(b < 0 ? b + n : b, low, high);
            var (from, to) = (Math.Min(Bound(start.Value), high), end.Value < -n ? low : Bound(end.Value));
            var span = step > 0 ? to - from + step - 1 : from - to - step - 1;
            return new SliceRange(from, Math.Max(0, span / Math.Abs(step)));
        }
        var (first, last) = (FromFront(size, start), end.IsFixed && end.Value >= int.MaxValue ? size : FromFront(size, end));
        return new SliceRange(first, (last - first + (step - 1)).FloorDividedBy(step));
    }

    private static Dim FromFront(Dim size, Dim bound) => bound.IsFixed && bound.Value < 0 ? size + bound : bound;
}
