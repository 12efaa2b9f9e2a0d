namespace LmmRec.EndToEnd;

/// <summary>What lies beside the command once it is built or published.</summary>
public sealed class OutputTests
{
    [Fact]
    public void The_only_native_files_are_those_of_this_platform()
    {
        var extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        var everywhere = new EnumerationOptions { MatchCasing = MatchCasing.CaseSensitive, RecurseSubdirectories = true };
        var native = Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime*", everywhere).ToList();
        Assert.NotEmpty(native);
        // Other platforms' would lie in runtimes/<platform>/.
        Assert.All(native, file => Assert.Equal(Path.Combine(AppContext.BaseDirectory, Path.GetFileNameWithoutExtension(file) + extension), file));
    }
}
