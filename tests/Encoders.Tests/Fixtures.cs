namespace LmmRec.Encoders.Tests;

/// <summary>The reference values: the folder that the environment variable FIXTURES names, else ../shared/fixtures beside the checkout.</summary>
internal static class Fixtures
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("FIXTURES") ?? Path.Combine(Repository.Root, "..", "shared", "fixtures");

    /// <summary>A file or folder of the fixtures; the test is skipped, and says why, where it is not there.</summary>
    public static string Of(params string[] parts)
    {
        var path = Path.Combine([Folder, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"{path} is not there; set FIXTURES to a folder laid out like shared/fixtures");
        return path;
    }
}

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Pipeline.sln")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Pipeline.sln"));
}
