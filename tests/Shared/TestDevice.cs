namespace LmmRec.Tests;

/// <summary>Where the tests that compare with reference values of other programs run their graphs.</summary>
internal static class TestDevice
{
    /// <summary>What the environment variable LMMREC_TEST_DEVICE says, such as <c>cuda</c>, else <c>cpu</c>. Where it is not there these tests fail.</summary>
    public static string Name => Environment.GetEnvironmentVariable("LMMREC_TEST_DEVICE") is { Length: > 0 } device ? device : "cpu";
}
