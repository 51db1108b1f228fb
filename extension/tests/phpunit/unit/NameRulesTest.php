<?php

namespace MediaWiki\Extension\WikiFarm\Tests;

use MediaWiki\Extension\WikiFarm\NameRules;
use MediaWiki\Languages\LanguageNameUtils;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\WikiFarm\NameRules */
class NameRulesTest extends TestCase {
	private const ESCAPES = [ 'R&amp;D', 'R&Ö;D', '100%25', '~~~', '/etc', '../a', 'a/../b', 'a/.', '.', '..' ];

	public static function provideNames(): iterable {
		$good = [ 'Notes', 'notes', 'en', 'public' ];
		yield 'good' => [ $good, null ];
		yield 'private' => [ [ 'Notes', 'notes', 'en', 'private' ], null ];
		yield 'other scripts' => [ [ '百科 “ويكي” R&D 100%; ~~ a/b...', 'a1b', 'en', 'public' ], null ];
		yield 'the longest slug' => [ [ 'n', str_repeat( 'a', 63 ), 'en', 'public' ], null ];
		$signs = [ 'a<b', 'a[b', 'a]b', 'a{b', 'a|b', 'a#b', 'a:b' ];
		foreach ( [ ...$signs, ...self::ESCAPES, '', ' ', "a\nb", "a\0b", "a\u{2028}b", "\xff" ] as $name ) {
			yield 'name ' . json_encode( $name, JSON_INVALID_UTF8_SUBSTITUTE ) => [ [ $name ] + $good, 'invalid_name' ];
		}
		yield 'a name that is too long' => [ [ str_repeat( 'a', 201 ) ] + $good, 'invalid_name' ];
		yield 'a name of too many bytes' => [ [ str_repeat( '百', 86 ) ] + $good, 'invalid_name' ];
		foreach ( [ '', 'a', 'ab', 'Abc', 'a_b', '-abc', 'abc-', 'xn--abc', 'a.b', "abc\n", 'äbc', str_repeat( 'a', 64 ) ] as $slug ) {
			yield 'slug ' . json_encode( $slug ) => [ [ 1 => $slug ] + $good, 'invalid_slug' ];
		}
		foreach ( [ '', 'xx-nowhere', 'EN', '../en' ] as $language ) {
			yield "language $language" => [ [ 2 => $language ] + $good, 'unknown_language' ];
		}
		foreach ( [ '', 'Public', 'secret' ] as $visibility ) {
			yield "visibility $visibility" => [ [ 3 => $visibility ] + $good, 'invalid_visibility' ];
		}
	}

	/** @dataProvider provideNames */
	public function testFindsWhatIsWrong( array $names, ?string $code ) {
		ksort( $names );
		$languages = $this->createStub( LanguageNameUtils::class );
		$languages->method( 'getLanguageNames' )->willReturn( [ 'en' => 'English' ] );
		$problem = ( new NameRules( $languages ) )->findProblem( ...$names );
		$this->assertSame( $code, $problem[0] ?? null );
	}
}
