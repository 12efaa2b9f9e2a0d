namespace LmmRec.EndToEnd;

/// <summary>What lies beside the command once it is built or published.</summary>
public sealed class OutputTests
{
    [Fact]
    public void The_only_native_files_are_those_of_this_platform()
    {
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "runtimes")), "a folder 'runtimes' holds the native files of all platforms");
        var extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        var native = Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime*", new EnumerationOptions { MatchCasing = MatchCasing.CaseSensitive }).Select(Path.GetFileName);
        Assert.NotEmpty(native);
        Assert.All(native, name => Assert.EndsWith(extension, name, StringComparison.Ordinal));
    }
}
