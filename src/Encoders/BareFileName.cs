namespace LmmRec.Encoders;

/// <summary>Names of files that come from foreign cards, indices and addresses: what is written under one stays in its folder.</summary>
internal static class BareFileName
{
    /// <summary>Whether <paramref name="name"/> names a file in a folder, and no other place, on every operating system.</summary>
    public static bool Is(string? name) => !string.IsNullOrWhiteSpace(name) && name is not "." and not ".." && name.AsSpan().IndexOfAny("/\\:\0") < 0;
}
