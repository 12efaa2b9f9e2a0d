namespace LmmRec.Encoders.Text;

/// <summary>Tables of Unicode and HTML that come with the program.</summary>
internal static class Resource
{
    /// <summary>The lines of <paramref name="name"/>.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(typeof(Resource).Assembly.GetManifestResourceStream(name)!);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
