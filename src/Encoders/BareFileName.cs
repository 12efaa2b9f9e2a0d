namespace LmmRec.Encoders;

/// <summary>Names of files that come from foreign cards, indices and addresses: what is read or written under one stays in its folder.</summary>
internal static class BareFileName
{
    /// <summary>Whether <paramref name="name"/> names a file in a folder, and no other place, on every operating system.</summary>
    public static bool Is(string? name) => !string.IsNullOrWhiteSpace(name) && name is not "." and not ".." && name.AsSpan().IndexOfAny("/\\:\0") < 0;

    /// <summary>Whether <paramref name="path"/> names a file in a folder or in one below it: bare names with <c>/</c> between them.</summary>
    public static bool IsBelow(string? path) => path is not null && Array.TrueForAll(path.Split('/'), Is);
}
