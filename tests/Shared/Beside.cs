namespace LmmRec.Tests;

/// <summary>Data that lies beside the checkout, in <c>../shared</c>, and not in it: tests that need it say that they were skipped.</summary>
internal static class Beside
{
    /// <summary>The path of <paramref name="relative"/> below <c>../shared/data</c>; skips the test where it is not there.</summary>
    public static string Data(string relative) => Find(Path.Combine("data", relative)) ?? Skip(relative);

    /// <summary>The path of <paramref name="relative"/> below <c>../shared/cases</c>; skips the test where it is not there.</summary>
    public static string Case(string relative) => Find(Path.Combine("cases", relative)) ?? Skip(relative);

    /// <summary>
    /// The path of <paramref name="relative"/> in the folder of reference values: the one that the environment variable FIXTURES names, else
    /// the copies beside the test, else <c>../shared/fixtures</c>; skips the test where it is in none.
    /// </summary>
    public static string Fixture(string relative)
    {
        if (Environment.GetEnvironmentVariable("FIXTURES") is { Length: > 0 } named) return Path.Combine(named, relative);
        var copy = Path.Combine(AppContext.BaseDirectory, "fixtures", relative);
        return Path.Exists(copy) ? copy : Find(Path.Combine("fixtures", relative)) ?? Skip(relative);
    }

    /// <summary>The checkout's folder.</summary>
    public static string Checkout
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no checkout");
            return folder.FullName;
        }
    }

    private static string? Find(string relative)
    {
        var path = Path.Combine(Path.GetDirectoryName(Checkout)!, "shared", relative);
        return Path.Exists(path) ? path : null;
    }

    private static string Skip(string relative)
    {
        Assert.Skip($"'{relative}' is not here: it lies in ../shared beside the checkout, or fixtures in the folder that FIXTURES names");
        return relative;
    }
}
