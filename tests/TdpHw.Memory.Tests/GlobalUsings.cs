global using TdpHw.Formats;
global using Xunit;
